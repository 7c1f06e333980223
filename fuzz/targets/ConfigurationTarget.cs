using System.Text;
using Megatorrent.Core;
using Megatorrent.Core.Encoding;
using Megatorrent.Core.Hashing;
using Megatorrent.Core.Manifests;
using Megatorrent.Core.Wire;
using Megatorrent.Network;

namespace Megatorrent.Fuzz.Targets;

/// <summary>What people and configurations write: ids, schemes, endpoints, roles. What is read is printed as the same text.</summary>
[Covers(typeof(Cid))]
[Covers(typeof(DecimalText))]
[Covers(typeof(NodeId), nameof(NodeId.TryParse))]
[Covers(typeof(Scheme))]
[Covers(typeof(Endpoint), nameof(Endpoint.TryParse))]
[Covers(typeof(RoleExtensions), nameof(RoleExtensions.TryParse))]
[Covers(typeof(Client.Location.EndpointText), nameof(Client.Location.EndpointText.TryParseList))]
[Covers(typeof(Network.EndpointText))]
[Covers(typeof(SystemTransport), nameof(SystemTransport.Parse))]
internal sealed class ConfigurationTarget() : FuzzTarget("configuration")
{
    protected override bool IsRefusal(ErrorKind kind) => kind is ErrorKind.InvalidArgument or ErrorKind.Malformed;

    protected override void Run(ReadOnlySpan<byte> input)
    {
        if (input.IsEmpty)
            return;
        string text = Encoding.UTF8.GetString(input[1..]);
        switch ((char)input[0])
        {
            case 'C' when Cid.TryParse(text, out BlobId blob): Same(text, Cid.Format(blob)); break;
            case 'N' when NodeId.TryParse(text, out NodeId node): Same(text.ToLowerInvariant(), node.ToString()); break; // of either case
            case 'S': CheckScheme(text); break;
            case 'D' when DecimalText.TryParse(text, out long number): Same(text.TrimStart('0'), number == 0 ? "" : $"{number}"); break;
            case 'E' when Endpoint.TryParse(text, out string host, out int port): Same(text, Endpoint.Format(host, port)); break;
            case 'R' when RoleExtensions.TryParse(text, out Role role): Same(text, role.ToText()); break;
            case 'L': CheckList(text); break;
            case 'P': Network.EndpointText.Parse(text); break;
            case 'T': SystemTransport.Parse(text); break;
        }
    }

    private static void CheckScheme(string text)
    {
        Scheme scheme = Scheme.Parse(text);
        FuzzFailure.Unless(scheme == Scheme.Parse(scheme.ToString()), $"'{text}' is printed as '{scheme}', which is another");
        FuzzFailure.Unless(text.All(static c => c == '+' || char.IsAsciiDigit(c)), $"'{text}' is taken for the scheme '{scheme}'");
    }

    private static void CheckList(string text)
    {
        if (!Client.Location.EndpointText.TryParseList(text, out string[] endpoints, out _))
            return;
        string again = string.Join(',', endpoints);
        FuzzFailure.Unless(
            Client.Location.EndpointText.TryParseList(again, out string[] same, out _) && endpoints.AsSpan().SequenceEqual(same),
            $"the list '{text}' is printed as '{again}', which is another");
    }

    private static void Same(string text, string printed) => FuzzFailure.Unless(text == printed, $"'{text}' is printed as '{printed}'");
}
