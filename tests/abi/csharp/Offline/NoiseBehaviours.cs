using System.Text.Json;
using Megatorrent.Abi.Suite.Checks;
using Megatorrent.Core.Crypto;
using Megatorrent.Core.Wire;

namespace Megatorrent.Abi.Suite.Offline;

/// <summary>Noise sessions.</summary>
internal static class NoiseBehaviours
{
    private const int MessagesEachWay = 100;

    /// <summary>The behaviours.</summary>
    public static IEnumerable<Behaviour> All =>
    [
        Behaviour.Of("noise.vectors", Vectors),
        Behaviour.Of("noise.fresh", Fresh),
        Behaviour.Of("noise.failures", Failures),
        Behaviour.Of("noise.turns", Turns),
    ];

    private static void Vectors(VectorFolder vectors)
    {
        foreach (JsonElement vector in vectors.Read("noise.json").Items("vectors"))
        {
            CipherSuite suite = Suite(vector);
            using NoiseSide initiator = NoiseSide.Of(vector, true, suite, vector.Hex("init_prologue"));
            using NoiseSide responder = NoiseSide.Of(vector, false, suite, vector.Hex("resp_prologue"));
            int index = 0;
            foreach (JsonElement item in vector.Items("messages"))
            {
                (NoiseSide writer, NoiseSide reader) = index % 2 == 0 ? (initiator, responder) : (responder, initiator);
                byte[] message = writer.Write(item.Hex("payload"));
                Check.Bytes(item.Hex("ciphertext"), message, $"{suite}, message {index}");
                Check.Bytes(item.Hex("payload"), reader.Read(message), $"{suite}, payload {index}");
                index++;
                if (index != NoiseHandshake.MessageCount)
                    continue;
                Check.Bytes(vector.Hex("handshake_hash"), initiator.Handshake.HandshakeHash, $"{suite}, the initiator's hash");
                Check.Bytes(vector.Hex("handshake_hash"), responder.Handshake.HandshakeHash, $"{suite}, the responder's hash");
                Check.Bytes(responder.Handshake.LocalStatic, initiator.Handshake.RemoteStatic, $"{suite}, the responder's key");
                Check.Bytes(initiator.Handshake.LocalStatic, responder.Handshake.RemoteStatic, $"{suite}, the initiator's key");
            }
        }
    }

    private static void Fresh(VectorFolder vectors)
    {
        foreach (CipherSuite suite in (CipherSuite[])[CipherSuite.Aes256Gcm, CipherSuite.ChaCha20Poly1305])
        {
            (NoiseSide initiator, NoiseSide responder) = Establish(suite);
            using (initiator)
            using (responder)
            {
                for (int i = 0; i < MessagesEachWay; i++)
                {
                    byte[] payload = Pattern.Of((uint)i, i * NoiseCipher.MaxPlaintext / (MessagesEachWay - 1));
                    Check.Bytes(payload, responder.Read(initiator.Write(payload)), $"{suite}, message {i} of the initiator");
                    Check.Bytes(payload, initiator.Read(responder.Write(payload)), $"{suite}, message {i} of the responder");
                }

                Check.Gives("MT_ERROR_LIMIT_EXCEEDED", () => initiator.Write(new byte[NoiseCipher.MaxPlaintext + 1]), "too long a message");
            }
        }
    }

    private static void Failures(VectorFolder vectors)
    {
        JsonElement[] sessions = [.. vectors.Read("noise.json").Items("vectors")];
        vectors.ForEach("noise.json", "failures", item =>
        {
            JsonElement vector = sessions[item.Int32("vector")];
            JsonElement[] payloads = [.. vector.Items("messages")];
            JsonElement[] messages = [.. item.Items("messages")];
            bool initiator = item.Text("role") == "initiator";
            using NoiseSide side = NoiseSide.Of(vector, initiator, (CipherSuite)item.Int32("suite"), item.Hex("prologue"));
            for (int i = 0; i < messages.Length; i++)
            {
                byte[] message = Convert.FromHexString(messages[i].GetString()!);
                if (i % 2 == 0 == initiator)
                    side.Write(payloads[i].Hex("payload"));
                else if (i < messages.Length - 1)
                    side.Read(message);
                else
                    Check.Gives(item.Text("status"), () => side.Read(message), "reading the last message");
            }

            Check.That(Check.StatusOf(() => side.Read(new byte[200])) != "MT_OK", "a dead session reads");
            if (messages.Length <= NoiseHandshake.MessageCount)
                Check.That(Check.StatusOf(() => side.Write([])) != "MT_OK", "a dead session writes");
        });
    }

    private static void Turns(VectorFolder vectors)
    {
        using NoiseSide initiator = Side(true, CipherSuite.Aes256Gcm), responder = Side(false, CipherSuite.Aes256Gcm);
        Check.That(initiator.Handshake.IsMyTurn && !responder.Handshake.IsMyTurn, "the initiator does not begin");
        Check.Gives("MT_ERROR_STATE", () => _ = initiator.Handshake.RemoteStatic.Length, "the remote key before it is proved");
        Check.Gives("MT_ERROR_STATE", () => _ = initiator.Handshake.HandshakeHash.Length, "the hash before the end");
        Check.Gives("MT_ERROR_STATE", () => initiator.Read(new byte[32]), "reading when it is one's own turn");
        Check.Gives("MT_ERROR_STATE", () => responder.Write([]), "writing when it is the other side's turn");
    }

    private static (NoiseSide Initiator, NoiseSide Responder) Establish(CipherSuite suite)
    {
        NoiseSide initiator = Side(true, suite), responder = Side(false, suite);
        responder.Read(initiator.Write([]));
        initiator.Read(responder.Write([]));
        responder.Read(initiator.Write([]));
        Check.That(initiator.Handshake.IsComplete && responder.Handshake.IsComplete, "the handshake is not complete");
        Check.Bytes(initiator.Handshake.HandshakeHash, responder.Handshake.HandshakeHash, "the hash of the other side");
        return (initiator, responder);
    }

    private static NoiseSide Side(bool initiator, CipherSuite suite) =>
        new(initiator, suite, Pattern.Of(initiator ? 31u : 32u, X25519.KeyLength), ephemeralSecret: null, [1, 2, 3]);

    private static CipherSuite Suite(JsonElement vector) => vector.Text("protocol_name") switch
    {
        "Noise_XX_25519_AESGCM_SHA256" => CipherSuite.Aes256Gcm,
        "Noise_XX_25519_ChaChaPoly_SHA256" => CipherSuite.ChaCha20Poly1305,
        string name => throw new BehaviourException($"the protocol {name} is not known"),
    };
}
