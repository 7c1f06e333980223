using Megatorrent.Core.Wire;

namespace Megatorrent.Fuzz.Targets;

/// <summary>Credentials, as bytes and as text.</summary>
[Covers(typeof(Credential))]
[Covers(typeof(Invitation), nameof(Invitation.Parse))]
internal sealed class CredentialTarget() : FuzzTarget("credential")
{
    protected override void Run(ReadOnlySpan<byte> input)
    {
        if (input.IsEmpty)
            return;
        string text = System.Text.Encoding.Latin1.GetString(input[1..]);
        switch ((char)input[0])
        {
            case 'B':
                using (Credential credential = Credential.Decode(input[1..]))
                    FuzzFailure.UnlessSame(input[1..], credential.Encode(), "credential");
                break;
            case 'T':
                using (Credential credential = Credential.Parse(text))
                    FuzzFailure.Unless(credential.ToText() == text.Trim(), $"'{text}' is printed as '{credential.ToText()}'");
                break;
            case 'I':
                Invitation invitation = Invitation.Parse(text);
                FuzzFailure.Unless(invitation.ToText() == text.Trim(), $"'{text}' is printed as '{invitation.ToText()}'");
                break;
        }
    }
}
