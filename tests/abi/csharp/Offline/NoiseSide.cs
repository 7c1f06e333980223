using System.Text.Json;
using Megatorrent.Abi.Suite.Checks;
using Megatorrent.Core;
using Megatorrent.Core.Crypto;
using Megatorrent.Core.Wire;

namespace Megatorrent.Abi.Suite.Offline;

/// <summary>One side of a Noise session, from its first message on: handshake and ciphers as one, as the C interface has it.</summary>
internal sealed class NoiseSide : IDisposable
{
    private readonly NoiseHandshake _handshake;
    private NoiseCipher? _send;
    private NoiseCipher? _receive;

    /// <summary>Starts a side with given secrets, or with a fresh ephemeral one.</summary>
    public NoiseSide(bool initiator, CipherSuite suite, byte[] staticSecret, byte[]? ephemeralSecret, byte[] prologue) =>
        _handshake = new NoiseHandshake(
            initiator, suite, staticSecret, ephemeralSecret is null ? SystemRandomSource.Instance : new Once(ephemeralSecret), prologue);

    /// <summary>Starts one side of a case of noise.json.</summary>
    public static NoiseSide Of(JsonElement vector, bool initiator, CipherSuite suite, byte[] prologue)
    {
        string side = initiator ? "init" : "resp";
        return new NoiseSide(initiator, suite, vector.Hex($"{side}_static"), vector.Hex($"{side}_ephemeral"), prologue);
    }

    /// <summary>The handshake.</summary>
    public NoiseHandshake Handshake => _handshake;

    /// <summary>Writes the next message.</summary>
    public byte[] Write(byte[] payload)
    {
        var message = new byte[payload.Length + 96];
        int length = _handshake.IsComplete ? Send.Encrypt(payload, message) : _handshake.WriteMessage(payload, message);
        return message[..length];
    }

    /// <summary>Reads the next message.</summary>
    public byte[] Read(byte[] message)
    {
        var payload = new byte[message.Length];
        int length = _handshake.IsComplete ? Receive.Decrypt(message, payload) : _handshake.ReadMessage(message, payload);
        return payload[..length];
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _handshake.Dispose();
        _send?.Dispose();
        _receive?.Dispose();
    }

    private NoiseCipher Send => Ciphers().Send;

    private NoiseCipher Receive => Ciphers().Receive;

    private (NoiseCipher Send, NoiseCipher Receive) Ciphers()
    {
        if (_send is null || _receive is null)
            (_send, _receive) = _handshake.Split();
        return (_send, _receive);
    }

    private sealed class Once(byte[] bytes) : IRandomSource
    {
        private bool _used;

        public void Fill(Span<byte> destination)
        {
            Check.That(!_used && destination.Length == bytes.Length, "random bytes are asked for more than once");
            _used = true;
            bytes.CopyTo(destination);
        }
    }
}
