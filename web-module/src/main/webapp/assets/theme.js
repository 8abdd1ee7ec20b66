// The theme: light, dark, or that of the system. The browser keeps the choice.

const KEPT = 'tokentally.theme';
const THEMES = { auto: 'Theme: auto', light: 'Theme: light', dark: 'Theme: dark' };

/** Shows the kept theme, and lets the button choose the next one. */
export function themes(button) {
  const kept = localStorage.getItem(KEPT);
  show(button, kept in THEMES ? kept : 'auto');
  button.addEventListener('click', () => next(button));
}

function next(button) {
  const names = Object.keys(THEMES);
  const name = names[(names.indexOf(document.documentElement.dataset.theme) + 1) % names.length];
  localStorage.setItem(KEPT, name);
  show(button, name);
}

function show(button, name) {
  document.documentElement.dataset.theme = name;
  button.textContent = THEMES[name];
}
