using Megatorrent.Abi.Suite.Checks;
using Megatorrent.Core;
using Megatorrent.Core.Erasure;

namespace Megatorrent.Abi.Suite.Offline;

/// <summary>How a failure is told.</summary>
internal static class StatusBehaviours
{
    /// <summary>The behaviours.</summary>
    public static IEnumerable<Behaviour> All => [Behaviour.Of("status.text", Text)];

    private static void Text(VectorFolder vectors)
    {
        try
        {
            _ = new ReedSolomon(0, 2);
        }
        catch (MegatorrentException exception)
        {
            Check.Equal(ErrorKind.InvalidArgument, exception.Kind, "the kind");
            Check.That(exception.Message.Length > 0, "the text is empty");
            return;
        }

        throw new BehaviourException("0 data shards are taken");
    }
}
