using Megatorrent.Core.Wire;

namespace Megatorrent.Fuzz.Targets;

/// <summary>Invitations.</summary>
[Covers(typeof(Invitation))]
internal sealed class InvitationTarget() : FormatTarget("invitation", new Format<Invitation>(Invitation.Decode, static value => value.Encoded, isCanonical: true));
