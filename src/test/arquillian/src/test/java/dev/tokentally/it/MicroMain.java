package dev.tokentally.it;

import fish.payara.micro.PayaraMicroRuntime;
import fish.payara.micro.boot.PayaraMicroLauncher;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.File;
import java.net.InetAddress;
import java.net.Socket;

/** Runs Payara Micro in its process, and deploys what {@link MicroContainer} sends. */
final class MicroMain {

    /** The variable with the client's port. */
    static final String PORT = "MICRO_CONTAINER_PORT";

    private MicroMain() {}

    /** The arguments are Payara Micro's options. If anything is thrown, the client gets no answer any more. */
    public static void main(String[] options) throws Exception {
        try (Socket client = new Socket(InetAddress.getLoopbackAddress(), Integer.parseInt(System.getenv(PORT)))) {
            DataInputStream commands = new DataInputStream(client.getInputStream());
            DataOutputStream answers = new DataOutputStream(client.getOutputStream());
            PayaraMicroRuntime micro = PayaraMicroLauncher.create(options).getRuntime();
            answers.writeBoolean(true);
            while (true) {
                boolean deploys = commands.readUTF().equals("deploy");
                File war = new File(commands.readUTF());
                String name = war.getName().replaceFirst("\\.war$", "");
                if (deploys) {
                    micro.deploy(war);
                } else {
                    micro.undeploy(name);
                }
                // Payara Micro only logs that an application did not start.
                answers.writeBoolean(micro.getDeployedApplicationNames().contains(name) == deploys);
            }
        }
    }
}
