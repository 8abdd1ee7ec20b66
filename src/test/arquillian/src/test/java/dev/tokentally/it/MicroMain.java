package dev.tokentally.it;

import fish.payara.micro.PayaraMicroRuntime;
import fish.payara.micro.boot.PayaraMicroLauncher;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.File;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.util.Arrays;

/** Runs Payara Micro in its process, and deploys what {@link MicroContainer} sends. The server ends with its client. */
final class MicroMain {

    private MicroMain() {}

    /** The first argument is the client's port. The others are Payara Micro's options. */
    public static void main(String[] arguments) throws Exception {
        String[] options = Arrays.copyOfRange(arguments, 1, arguments.length);
        PayaraMicroRuntime micro = PayaraMicroLauncher.create(options).getRuntime();
        try (Socket client = new Socket(InetAddress.getLoopbackAddress(), Integer.parseInt(arguments[0]))) {
            DataInputStream commands = new DataInputStream(client.getInputStream());
            DataOutputStream answers = new DataOutputStream(client.getOutputStream());
            while (true) {
                String command = commands.readUTF();
                String what = commands.readUTF();
                if (command.equals("deploy")) {
                    answers.writeBoolean(micro.deploy(new File(what)));
                } else {
                    micro.undeploy(what);
                    answers.writeBoolean(!micro.getDeployedApplicationNames().contains(what));
                }
            }
        } catch (IOException clientHasEnded) {
            Runtime.getRuntime().halt(1);
        }
    }
}
