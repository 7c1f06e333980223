using Megatorrent.Build.Bindings;

namespace Megatorrent.Build.Suites;

/// <summary>
/// Everything that <c>test</c> does with the bindings: builds them and runs their own tests, lets every suite show the behaviours, lets each
/// client get what the others put, and works each runtime that collects garbage for a few seconds. A binding that cannot be built here is
/// one skipped check, one that does not build is one failed check, and neither keeps the others from being tested.
/// </summary>
/// <param name="checkout">The checkout.</param>
/// <param name="steps">Where the steps are reported.</param>
/// <param name="add">Takes what a part counted, and gives how to say it.</param>
internal sealed class BindingTests(Checkout checkout, Steps steps, Func<Tally, string> add)
{
    /// <summary>Long enough to show that a soak runs; whether memory is flat takes minutes, for which there is the verb <c>soak</c>.</summary>
    private const int SoakSeconds = 5;

    private readonly IBinding[] _bindings = AllBindings.Of(checkout);
    private readonly List<IBinding> _built = [];

    /// <summary>The bindings that could be built.</summary>
    public IReadOnlyList<IBinding> Built => _built;

    /// <summary>Runs it all.</summary>
    public void Run()
    {
        using (TestCluster cluster = TestCluster.Start(checkout))
        using (cluster.Export())
        {
            foreach (IBinding binding in _bindings)
                steps.Run($"binding for {binding.Language}", () => Add(() => BuildAndTest(binding)));
        }

        steps.Run("behaviours", () => Add(Behaviours));
        steps.Run("matrix", () => Add(() => new MatrixRun(checkout).Run([.. _built.Select(SuiteProgram.Of)])));
        foreach (IBinding binding in _built.Where(IsSoaked))
            steps.Run($"soak of {binding.Language}", () => Add(() => new SoakRun(checkout).Run(SuiteProgram.Of(binding), SoakSeconds)));
    }

    /// <summary>Whether a second runtime in the process, with a garbage collector and threads of its own, makes a soak worth its time.</summary>
    public static bool IsSoaked(IBinding binding) => binding.Language is "Node" or "Java";

    private Tally BuildAndTest(IBinding binding)
    {
        if (binding.Missing is { } reason)
        {
            Console.WriteLine($"skip the binding for {binding.Language}: {reason}");
            return new Tally(0, 0, 1);
        }

        binding.Build();
        _built.Add(binding);
        return binding.Test();
    }

    private Tally Behaviours()
    {
        BehaviourRun run = new(checkout);
        Tally tally = run.Run(SuiteProgram.CSharp(checkout));
        foreach (IBinding binding in _bindings)
        {
            if (!_built.Contains(binding))
                run.Skip(binding.Language);
            else
                tally = SuiteProgram.VariantsOf(binding).Prepend(SuiteProgram.Of(binding)).Aggregate(tally, (sum, suite) => sum + run.Run(suite));
        }

        run.Report();
        return tally;
    }

    // One part that breaks off is a failure, and the parts after it are run all the same.
    private string Add(Func<Tally> part)
    {
        try
        {
            return add(part());
        }
        catch (BuildException exception)
        {
            Console.WriteLine($"not ok: {exception.Message}");
            return add(Tally.OneFailed);
        }
    }
}
