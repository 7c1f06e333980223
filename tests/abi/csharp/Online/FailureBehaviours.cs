using System.Diagnostics;
using System.Text.Json;
using Megatorrent.Abi.Suite.Checks;
using Megatorrent.Client;
using Megatorrent.Client.Location;
using Megatorrent.Core.Hashing;
using Megatorrent.Core.Manifests;
using Megatorrent.Core.Wire;

namespace Megatorrent.Abi.Suite.Online;

/// <summary>What cannot be done fails as it should.</summary>
internal sealed class FailureBehaviours(ClusterAccess cluster)
{
    private static readonly TimeSpan GoneLimit = TimeSpan.FromSeconds(120);
    private static readonly string[] Gone = ["MT_ERROR_UNREACHABLE", "MT_ERROR_NOT_ENOUGH_SHARDS", "MT_ERROR_TIMEOUT"];

    /// <summary>The behaviours.</summary>
    public IEnumerable<Behaviour> All =>
    [
        new("client.missing-file", _ => ClusterAccess.WithClientAsync(MissingFileAsync)),
        new("client.malformed-capability", vectors => ClusterAccess.WithClientAsync(client => MalformedCapabilityAsync(client, vectors))),
        new("client.wrong-capability", vectors => ClusterAccess.WithClientAsync(client => WrongCapabilityAsync(client, vectors))),
        new("client.verify", _ => ClusterAccess.WithClientAsync(VerifyAsync)),
        new("client.verify-only-cannot-read", _ => ClusterAccess.WithClientAsync(VerifyOnlyAsync)),
        new("client.repair", _ => ClusterAccess.WithClientAsync(RepairAsync)),
        new("client.unreachable", _ => UnreachableAsync()),
        Behaviour.Of("client.bad-address", _ => BadAddress()),
        new("client.bad-credential", BadCredentialAsync),
        new("client.cluster-gone", _ => ClusterAccess.WithClientAsync(ClusterGoneAsync)),
    ];

    private async Task MissingFileAsync(MegatorrentClient client)
    {
        await Check.GivesOneOfAsync(
            ["MT_ERROR_NOT_FOUND", "MT_ERROR_INPUT_OUTPUT"], async () => await client.PutAsync(cluster.At("nothing here"), new PutOptions()), "putting");
        Capability capability = (await client.PutBytesAsync([1])).Capability;
        await Check.GivesOneOfAsync(
            ["MT_ERROR_NOT_FOUND", "MT_ERROR_INPUT_OUTPUT"],
            async () => await client.GetAsync(capability, Path.Combine(cluster.At("no folder"), "file"), new GetOptions()),
            "getting");
    }

    private async Task MalformedCapabilityAsync(MegatorrentClient client, VectorFolder vectors)
    {
        foreach (JsonElement item in vectors.Read("capabilities.json").Items("bad"))
        {
            string text = item.Text("text");
            await Check.GivesAsync(
                "MT_ERROR_MALFORMED", async () => await client.GetAsync(Capability.Parse(text), cluster.At("malformed"), new GetOptions()), item.Name());
            await Check.GivesAsync("MT_ERROR_MALFORMED", () => client.ReadBytesAsync(Capability.Parse(text)), item.Name());
            await Check.GivesAsync("MT_ERROR_MALFORMED", async () => await client.VerifyAsync(Capability.Parse(text)), item.Name());
        }
    }

    private async Task WrongCapabilityAsync(MegatorrentClient client, VectorFolder vectors)
    {
        string[] missing = ["MT_ERROR_NOT_ENOUGH_SHARDS", "MT_ERROR_NOT_FOUND"];
        Capability never = Capability.Parse(vectors.Read("capabilities.json").Items("good").First().Text("text"));
        await Check.GivesOneOfAsync(missing, () => client.ReadBytesAsync(never), "reading what was never put");
        await Check.GivesOneOfAsync(missing, async () => await client.GetAsync(never, cluster.At("never"), new GetOptions()), "getting what was never put");

        Capability right = (await client.PutBytesAsync(Pattern.Of(9, 1000))).Capability;
        BlobId root = right.Root.Ids[0];
        var wrongKey = new Capability(root, right.Root.ShardLength, right.Root.ParityShards, Pattern.Of(10, 32));
        await Check.GivesAsync("MT_ERROR_INTEGRITY", () => client.ReadBytesAsync(wrongKey), "reading with a wrong key");
        await Check.GivesAsync(
            "MT_ERROR_INTEGRITY", async () => await client.GetAsync(wrongKey, cluster.At("wrong key"), new GetOptions()), "getting with a wrong key");
    }

    private static async Task VerifyAsync(MegatorrentClient client)
    {
        Capability capability = (await client.PutBytesAsync(Pattern.Of(11, 3000000))).Capability;
        foreach (Capability either in (Capability[])[capability, capability.ToVerifyOnly()])
        {
            VerifyReport report = await client.VerifyAsync(either);
            Check.That(report.Healthy && report.Recoverable, "it is not healthy");
            Check.Equal(2, report.LowestMargin, "the lowest margin");
            Check.Equal(0, report.MissingBlobs + report.BadBlobs.Count, "missing and bad blobs");
            Check.Equal(report.Blobs, report.GoodBlobs, "good blobs");
        }
    }

    private async Task VerifyOnlyAsync(MegatorrentClient client)
    {
        Capability capability = (await client.PutBytesAsync(Pattern.Of(12, 1000))).Capability.ToVerifyOnly();
        await Check.GivesAsync("MT_ERROR_UNAUTHORIZED", () => client.ReadBytesAsync(capability), "reading");
        await Check.GivesAsync("MT_ERROR_UNAUTHORIZED", async () => await client.GetAsync(capability, cluster.At("sealed"), new GetOptions()), "getting");
    }

    private static async Task RepairAsync(MegatorrentClient client)
    {
        byte[] bytes = Pattern.Of(13, 1000000);
        Capability capability = (await client.PutBytesAsync(bytes)).Capability;
        RepairReport report = await client.RepairAsync(capability);
        Check.That(report.Stripes > 0, "no stripe was looked at");
        Check.Equal(0, report.BlobsRestored, "restored blobs");
        Check.Equal(0, report.StillMissing, "missing blobs");
        Check.Equal(0, report.Unrecoverable, "unrecoverable stripes");
        Check.Same(bytes, await client.ReadBytesAsync(capability), "what comes back");
    }

    private static async Task UnreachableAsync()
    {
        ClientOptions options = ClusterAccess.Options() with { Endpoints = ["127.0.0.1:9"] };
        using (options.Credential)
            await Check.GivesAsync("MT_ERROR_UNREACHABLE", () => ConnectAsync(options), "opening");
    }

    private static void BadAddress()
    {
        foreach (string text in (string[])["no port", "127.0.0.1:99999"])
        {
            var surroundings = new ClientEnvironment(
                name => name == ClusterLocator.Variable ? text : Environment.GetEnvironmentVariable(name), Console.Error.WriteLine);
            Check.Gives("MT_ERROR_INVALID_ARGUMENT", () => ClusterLocator.Find(surroundings, null, null), text);
        }
    }

    private async Task BadCredentialAsync(VectorFolder vectors)
    {
        ClientOptions options = ClusterAccess.Options();
        options.Credential.Dispose();
        Check.Gives("MT_ERROR_MALFORMED", () => Credential.Parse("mtcred1:x"), "a cut credential");
        Check.Gives(
            "MT_ERROR_NOT_FOUND", () => CredentialStore.Load(ClusterAccess.Surroundings, cluster.At("no credential")), "a file that is not there");
        using Credential stranger = Credential.Parse(vectors.Read("peers.json").Items("payloads").First().Text("credential"));
        await Check.GivesAsync("MT_ERROR_UNAUTHORIZED", () => ConnectAsync(options with { Credential = stranger }), "another cluster's credential");
    }

    private static async Task ClusterGoneAsync(MegatorrentClient client)
    {
        if (ClusterAccess.IsUnset(ClusterAccess.DataVariable) || ClusterAccess.IsUnset(ClusterAccess.BinaryVariable))
            throw new SkipException($"{ClusterAccess.DataVariable} and {ClusterAccess.BinaryVariable} say no cluster that may be taken down");
        Capability capability = (await client.PutBytesAsync(Pattern.Of(14, 3000000))).Capability;
        using (Process down = Process.Start(
            Environment.GetEnvironmentVariable(ClusterAccess.BinaryVariable)!,
            ["cluster", "down", "--data", Environment.GetEnvironmentVariable(ClusterAccess.DataVariable)!]))
        {
            await down.WaitForExitAsync();
            Check.Equal(0, down.ExitCode, "the exit code of cluster down");
        }

        await Check.GivesOneOfAsync(Gone, () => client.PutBytesAsync(Pattern.Of(15, 100000)).WaitAsync(GoneLimit), "putting");
        await Check.GivesOneOfAsync(Gone, () => client.ReadBytesAsync(capability).WaitAsync(GoneLimit), "reading");
        ClientOptions options = ClusterAccess.Options();
        using (options.Credential)
            await Check.GivesAsync("MT_ERROR_UNREACHABLE", () => ConnectAsync(options), "opening another client");
    }

    private static async Task ConnectAsync(ClientOptions options) => await (await MegatorrentClient.ConnectAsync(options)).DisposeAsync();
}
