using Megatorrent.Core.Wire;

namespace Megatorrent.Network.Sessions;

/// <summary>A connection after the handshake: who is there, and the two ciphers.</summary>
internal sealed record SecureChannel(
    ITransportConnection Connection, PeerIdentity Remote, NoiseCipher SendCipher, NoiseCipher ReceiveCipher);
