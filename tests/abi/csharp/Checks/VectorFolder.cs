using System.Text.Json;

namespace Megatorrent.Abi.Suite.Checks;

/// <summary>The folder tests/vectors.</summary>
internal sealed class VectorFolder(string path)
{
    /// <summary>Reads a file of it.</summary>
    public JsonElement Read(string name)
    {
        using JsonDocument document = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(path, name)));
        return document.RootElement.Clone();
    }

    /// <summary>Runs <paramref name="show"/> for every case of an array of a file; what goes wrong is said with the name of the case.</summary>
    public void ForEach(string name, string array, Action<JsonElement> show)
    {
        int count = 0;
        foreach (JsonElement item in Read(name).Items(array))
        {
            Check.Named($"{name}, {item.Name()}", () => show(item));
            count++;
        }

        Check.That(count > 0, $"{name} has no {array}");
    }
}
