using System.Text.Json;
using Megatorrent.Core.Crypto;
using Megatorrent.Core.Wire;

namespace Megatorrent.Core.Tests.Wire;

/// <summary>Both suites against public test vectors: every byte of the handshake and of the session after it.</summary>
public class NoiseVectorTests
{
    public static TheoryData<string> Names
    {
        get
        {
            var names = new TheoryData<string>();
            using JsonDocument file = Open();
            foreach (JsonElement vector in file.RootElement.GetProperty("vectors").EnumerateArray())
                names.Add(vector.GetProperty("protocol_name").GetString()!);
            return names;
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Matches_the_vectors(string name)
    {
        using JsonDocument file = Open();
        JsonElement vector = file.RootElement.GetProperty("vectors").EnumerateArray()
            .Single(candidate => candidate.GetProperty("protocol_name").GetString() == name);
        CipherSuite suite = name switch
        {
            "Noise_XX_25519_AESGCM_SHA256" => CipherSuite.Aes256Gcm,
            "Noise_XX_25519_ChaChaPoly_SHA256" => CipherSuite.ChaCha20Poly1305,
            _ => throw new InvalidDataException(name),
        };
        using var initiator = new NoiseHandshake(
            true, suite, Hex(vector, "init_static"), new FixedRandomSource(Hex(vector, "init_ephemeral")), Hex(vector, "init_prologue"));
        using var responder = new NoiseHandshake(
            false, suite, Hex(vector, "resp_static"), new FixedRandomSource(Hex(vector, "resp_ephemeral")), Hex(vector, "resp_prologue"));
        (NoiseCipher Send, NoiseCipher Receive)? initiatorCiphers = null, responderCiphers = null;
        var message = new byte[NoiseHandshake.MaxMessage];
        var received = new byte[NoiseHandshake.MaxMessage];
        int index = 0;
        foreach (JsonElement element in vector.GetProperty("messages").EnumerateArray())
        {
            byte[] payload = Hex(element, "payload");
            byte[] ciphertext = Hex(element, "ciphertext");
            bool fromInitiator = index % 2 == 0;
            int written, read;
            if (index < NoiseHandshake.MessageCount)
            {
                (NoiseHandshake writer, NoiseHandshake reader) = fromInitiator ? (initiator, responder) : (responder, initiator);
                Assert.Equal(payload.Length + NoiseHandshake.Overhead(index), ciphertext.Length);
                written = writer.WriteMessage(payload, message);
                read = reader.ReadMessage(message.AsSpan(0, written), received);
            }
            else
            {
                initiatorCiphers ??= initiator.Split();
                responderCiphers ??= responder.Split();
                (NoiseCipher send, NoiseCipher receive) = fromInitiator
                    ? (initiatorCiphers.Value.Send, responderCiphers.Value.Receive)
                    : (responderCiphers.Value.Send, initiatorCiphers.Value.Receive);
                written = send.Encrypt(payload, message);
                read = receive.Decrypt(message.AsSpan(0, written), received);
            }
            Assert.Equal(Convert.ToHexString(ciphertext), Convert.ToHexString(message.AsSpan(0, written)));
            Assert.Equal(Convert.ToHexString(payload), Convert.ToHexString(received.AsSpan(0, read)));
            index++;
        }
        Assert.Equal(6, index);
        Assert.Equal(Hex(vector, "handshake_hash"), initiator.HandshakeHash.ToArray());
        Assert.Equal(Hex(vector, "handshake_hash"), responder.HandshakeHash.ToArray());
        Assert.Equal(responder.LocalStatic.ToArray(), initiator.RemoteStatic.ToArray());
        Assert.Equal(initiator.LocalStatic.ToArray(), responder.RemoteStatic.ToArray());
    }

    private static byte[] Hex(JsonElement element, string name) => Convert.FromHexString(element.GetProperty(name).GetString()!);

    private static JsonDocument Open()
    {
        string? directory = AppContext.BaseDirectory;
        while (directory is not null && !File.Exists(Path.Combine(directory, "tests", "vectors", "noise.json")))
            directory = Path.GetDirectoryName(directory);
        Assert.NotNull(directory);
        return JsonDocument.Parse(File.ReadAllBytes(Path.Combine(directory, "tests", "vectors", "noise.json")));
    }
}
