using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Megatorrent.Cli.Json;
using Megatorrent.Client.Location;

namespace Megatorrent.Cli.Tests.Json;

/// <summary>The names in the documents that scripts read. A change here breaks somebody.</summary>
public class JsonShapeTests
{
    [Fact]
    public void Put() => Check(
        new PutDocument("mt1:x", "mtv1:x", 1, 2, 3, 4, 5, 6, 7, 0.5), CliJson.Output.PutDocument,
        "capability verifyCapability bytes storedBytes stripes incompleteStripes missingBlobs blobsStored blobsReused seconds");

    [Fact]
    public void Get() => Check(
        new GetDocument("/p", 1, 2, 3, 4, 0.5), CliJson.Output.GetDocument, "path bytes bytesResumed blobsRebuilt badBlobs seconds");

    [Fact]
    public void Cat() => Check(new CatDocument(1, 0.5), CliJson.Output.CatDocument, "bytes seconds");

    [Fact]
    public void List() => Check(
        new ListDocument("directory", "n", 1, [new ListEntry("p", "link", 0, "0777", DateTimeOffset.UnixEpoch, "t")]),
            CliJson.Output.ListDocument,
        "kind name bytes entries entries.path entries.kind entries.bytes entries.mode entries.modified entries.target");

    [Fact]
    public void Verify() => Check(
        new VerifyDocument(true, true, 1, 2, 3, 4, 5, 6, [new BadBlobEntry("c", "n", "e", "s", "p")], 0.5), CliJson.Output.VerifyDocument,
        "healthy recoverable stripes healthyStripes blobs goodBlobs missingBlobs lowestMargin badBlobs "
        + "badBlobs.cid badBlobs.node badBlobs.endpoint badBlobs.stripe badBlobs.problem seconds");

    [Fact]
    public void Health() => Check(
        new HealthDocument("s", 1, 2, 3, 4, 5, 6, 7, 8, 9, 1.5, DateTimeOffset.UnixEpoch, 10, [new StripeHealthEntry("s", "t", 1, 2, 3, 4, 0.5)], 0.5),
        CliJson.Output.HealthDocument,
        "state stripes healthyStripes unknownStripes degradedStripes unreadableStripes blobs freshBlobs heldBlobs auditedBlobs oldestSeconds "
        + "wholeAt silentNodes worst worst.stripe worst.state worst.blobs worst.freshBlobs worst.heldBlobs worst.auditedBlobs "
        + "worst.oldestSeconds seconds");

    [Fact]
    public void Repair() => Check(
        new RepairDocument(1, 2, 3, 4, 5, 0.5), CliJson.Output.RepairDocument,
            "stripes stripesRepaired blobsRestored stillMissing unrecoverable seconds");

    [Fact]
    public void Keep() => Check(
        new KeepDocument(true, DateTimeOffset.UnixEpoch, 1, 1, 0.5), CliJson.Output.KeepDocument, "kept expires stripes confirmed seconds");

    [Fact]
    public void Leases() => Check(
        new LeasesDocument(true, [new LeaseEntry("o", true, true, DateTimeOffset.UnixEpoch, 1)]), CliJson.Output.LeasesDocument,
        "kept leases leases.owner leases.mine leases.living leases.expires leases.holders");

    [Fact]
    public void Scrub() =>
        Check(new ScrubDocument("/d", 1, 2, ["c"], ["s"], 0.5), CliJson.Output.ScrubDocument,
            "data records bytes badBlobs badDescriptors seconds");

    [Fact]
    public void Durability() => Check(
        new DurabilityDocument("4+2", 1, 2, 3, 4, 5, 6, 7, 0.1, 0.2, 5, 1, 8, 0.3), CliJson.Output.DurabilityDocument,
        "scheme failuresPerNodeYear repairHours nodes domains failuresPerDomainYear rotPerBlobYear scrubHours stripeLoss "
        + "stripeLossFromPutMinimum putMinimumBlobs nines objects anyLossAtMost");

    [Fact]
    public void Forecast() => Check(
        new ForecastDocument(
            "d", 1, 72, true, DateTimeOffset.UnixEpoch, 1, 0.5, [new ForecastEntry(1, 2, 3, 4)], [], new ForecastLives(1, 2, 3, 4, 5), [],
            new ForecastReplay(1, 2, 3)),
        CliJson.Output.ForecastDocument,
        "data historyHours historyHoursNeeded ready lastSample usedBytes weightShare stored stored.hours stored.mean stored.low stored.high "
        + "traffic lives lives.members lives.failures lives.shape lives.scaleHours lives.observedSurvival decisions "
        + "replayed replayed.equal replayed.different replayed.historyGone");

    [Fact]
    public void Invite() => Check(
        new InviteDocument("mtinv1:x", "node", DateTimeOffset.UnixEpoch, ["e"]), CliJson.Output.InviteDocument,
            "invitation role expires endpoints");

    [Fact]
    public void Join() => Check(
        new JoinDocument("/c", "writer", "k", DateTimeOffset.UnixEpoch, ["e"]), CliJson.Output.JoinDocument,
            "credential role cluster expires endpoints");

    [Fact]
    public void Status() => Check(
        new StatusDocument(
            "k", true, 1, 1,
            [
                new StatusNode("i", "alive", "e", "d")
                {
                    Pid = 1, Version = "v", Transport = "t", CapacityBytes = 1, UsedBytes = 1, LiveBytes = 1, Blobs = 1, Stripes = 1,
                    Repair = new StatusRepair(true, false, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15), LastScrub = DateTimeOffset.UnixEpoch, Problem = "p",
                    Services = new Dictionary<string, IReadOnlyDictionary<string, long>> { ["s"] = new Dictionary<string, long> { ["n"] = 1 } },
                },
            ]),
        CliJson.Output.StatusDocument,
        "cluster healthy alive known nodes nodes.id nodes.state nodes.endpoint nodes.domain nodes.pid nodes.version nodes.transport "
        + "nodes.capacityBytes nodes.usedBytes nodes.liveBytes nodes.blobs nodes.stripes nodes.repair nodes.repair.settled nodes.repair.running nodes.repair.healthy "
        + "nodes.repair.endangered nodes.repair.waiting nodes.repair.unrecoverable nodes.repair.underRepair nodes.repair.repairedTotal "
        + "nodes.repair.blobsRestoredTotal nodes.repair.bytesMovedTotal nodes.repair.bytesToMove nodes.repair.bytesDone nodes.repair.bytesPerSecond "
        + "nodes.repair.secondsLeft nodes.repair.limitBytesPerSecond nodes.repair.surplusStripes nodes.repair.surplusRemovedTotal "
        + "nodes.lastScrub nodes.services nodes.services.s nodes.services.s.n nodes.problem");

    [Fact]
    public void Cluster() => Check(
        new ClusterDocument("k", [new ClusterNode("i", 1, "l", "d", "m")], ["a"]), CliJson.Output.ClusterDocument,
        "cluster nodes nodes.id nodes.pid nodes.listen nodes.data nodes.domain nodeArguments");

    [Fact]
    public void ClusterDown() => Check(
        new ClusterDownDocument("/d", 1, 2, 3), CliJson.Output.ClusterDownDocument, "data stopped killed notRunning");

    [Fact]
    public void Layout() => Check(
        new LayoutDocument(
            "k", 1, DateTimeOffset.UnixEpoch, "embedded", true,
            [
                new LayoutNodeEntry("i", "draining")
                {
                    State = "alive", Endpoint = "e", Domain = "d", Weight = 1, Place = "p", BlobsLeft = 1, Drained = false,
                },
            ]),
        CliJson.Output.LayoutDocument,
        "cluster epoch decided coordinator changeable nodes nodes.id nodes.mode nodes.state nodes.endpoint nodes.domain nodes.weight "
        + "nodes.place nodes.blobsLeft nodes.drained");

    [Fact]
    public void LayoutChange() => Check(
        new LayoutChangeDocument(1, [new LayoutNodeEntry("i", "active")]), CliJson.Output.LayoutChangeDocument,
        "epoch nodes nodes.id nodes.mode");

    [Fact]
    public void Pointer()
    {
        using TestHost test = new();
        ConfigFolder folder = new(test.Folder);
        ClusterPointer.Write(folder, new PointerDocument("/d", "k"));
        using JsonDocument parsed = JsonDocument.Parse(File.ReadAllText(folder.PointerPath));
        Assert.Equal(["data", "cluster"], Names(parsed.RootElement));
    }

    [Fact]
    public void NodeReady() => Check(
        new NodeReadyDocument("i", 1, "l", "d", "m"), CliJson.Output.NodeReadyDocument, "id pid listen data domain");

    [Fact]
    public void Demo() => Check(
        new DemoDocument(true, 1.5, "/k", "mt1:x", [new DemoStep("s", true, "r", 0.5, 1)]), CliJson.Output.DemoDocument,
        "held seconds kept capability steps steps.step steps.held steps.result steps.seconds steps.bytes");

    [Fact]
    public void Version() => Check(
        new VersionDocument("v", "c", "a", "e", "r", "p"), CliJson.Output.VersionDocument,
            "version commit cipher erasure runtime platform");

    [Fact]
    public void WhatIsNotKnownIsAbsent()
    {
        string text = JsonSerializer.Serialize(new StatusNode("i", "dead", "e", "d"), CliJson.Output.StatusNode);
        Assert.Equal(["id", "state", "endpoint", "domain"], Names(JsonDocument.Parse(text).RootElement));
    }

    private static void Check<T>(T document, JsonTypeInfo<T> type, string names)
    {
        using JsonDocument parsed = JsonDocument.Parse(JsonSerializer.Serialize(document, type));
        Assert.Equal(names, string.Join(' ', Names(parsed.RootElement)));
    }

    private static IEnumerable<string> Names(JsonElement element, string prefix = "")
    {
        foreach (JsonProperty member in element.EnumerateObject())
        {
            yield return prefix + member.Name;
            JsonElement inner = member.Value is { ValueKind: JsonValueKind.Array } array && array.GetArrayLength() > 0 ? array[0]
                : member.Value;
            if (inner.ValueKind != JsonValueKind.Object)
                continue;
            foreach (string name in Names(inner, $"{prefix}{member.Name}."))
                yield return name;
        }
    }
}
