using Megatorrent.Abi.Suite.Checks;
using Megatorrent.Abi.Suite.Offline;
using Megatorrent.Abi.Suite.Vectors;

namespace Megatorrent.Core.Tests.Vectors;

/// <summary>
/// Holds tests/vectors: every file of our own formats is what its maker makes, and every behaviour of the C# suite that needs no cluster is shown
/// here too, so that a change of a format is seen without publishing anything.
/// </summary>
public class VectorTests
{
    private const int TotalLengthMax = 1 << 20;

    private static readonly string Folder = Find();

    public static TheoryData<string> MadeFiles => [.. VectorMaker.Files.Keys];

    public static TheoryData<string> Ids => [.. OfflineBehaviours.All.Select(behaviour => behaviour.Id)];

    [Theory]
    [MemberData(nameof(MadeFiles))]
    public void A_file_is_what_its_maker_makes(string name) => Assert.Equal(File.ReadAllText(Path.Combine(Folder, name)), VectorMaker.Make(name));

    [Theory]
    [MemberData(nameof(Ids))]
    public Task A_behaviour_is_seen(string id) => OfflineBehaviours.All.Single(behaviour => behaviour.Id == id).ShowAsync(new VectorFolder(Folder));

    [Fact]
    public void Every_offline_behaviour_of_the_list_is_shown() => Assert.Equal(
        BehaviourList.Read(new VectorFolder(Folder)).Where(entry => !entry.NeedsCluster).Select(entry => entry.Id).Order(),
        OfflineBehaviours.All.Select(behaviour => behaviour.Id).Order());

    [Fact]
    public void Every_file_says_how_to_read_it() => Assert.All(
        Directory.GetFiles(Folder, "*.json"), path => Assert.NotEmpty(new VectorFolder(Folder).Read(Path.GetFileName(path)).Items("about")));

    [Fact]
    public void All_files_together_are_small() =>
        Assert.InRange(new DirectoryInfo(Folder).GetFiles("*.json").Sum(file => file.Length), 1, TotalLengthMax);

    [Fact]
    public void Every_status_that_a_file_names_is_one_of_the_header()
    {
        string header = File.ReadAllText(Path.Combine(Folder, "..", "..", "native", "include", "megatorrent.h"));
        string[] defined = [.. StatusName.DefinedIn(header).Select(status => status.Name)];
        string[] used = [.. Directory.GetFiles(Folder, "*.json").SelectMany(path => StatusName.NamedIn(File.ReadAllText(path))).Distinct()];
        Assert.Contains("MT_ERROR_MALFORMED", used);
        Assert.Empty(used.Except(defined));
    }

    [Fact]
    public void The_list_of_statuses_is_that_of_the_header()
    {
        string header = File.ReadAllText(Path.Combine(Folder, "..", "..", "native", "include", "megatorrent.h"));
        Assert.Equal(
            StatusName.DefinedIn(header),
            new VectorFolder(Folder).Read("status.json").Items("statuses").Select(item => (item.Text("name"), item.Int32("value"))));
    }

    private static string Find()
    {
        string? directory = AppContext.BaseDirectory;
        while (directory is not null && !File.Exists(Path.Combine(directory, "tests", "vectors", "behaviours.json")))
            directory = Path.GetDirectoryName(directory);
        return Path.Combine(directory ?? throw new DirectoryNotFoundException("tests/vectors is not above the test assembly."), "tests", "vectors");
    }
}
