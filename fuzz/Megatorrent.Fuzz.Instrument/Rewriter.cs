using Mono.Cecil;
using Mono.Cecil.Cil;
using Mono.Cecil.Rocks;

namespace Megatorrent.Fuzz.Instrument;

/// <summary>
/// Puts a counter at the entry of every method, at every target of a branch, at every handler and behind every conditional branch, and
/// reports comparisons with constants and of byte spans, so that libFuzzer can put the value that is wanted into its inputs.
/// </summary>
/// <remarks>
/// Static constructors are left as they are: they run once in a process, and an edge that only the first input can take would make every
/// corpus look better than it is.
/// </remarks>
internal sealed class Rewriter(ModuleDefinition module, CoverageClass coverage)
{
    private readonly FieldReference _counters = module.ImportReference(coverage.Counters);
    private readonly MethodReference _compare32 = module.ImportReference(coverage.Method("Compare32"));
    private readonly MethodReference _compare64 = module.ImportReference(coverage.Method("Compare64"));
    private readonly MethodReference _sequenceEqual = module.ImportReference(coverage.Method("SequenceEqual"));
    private readonly MethodReference _startsWith = module.ImportReference(coverage.Method("StartsWith"));
    private int _edges;
    private int _comparisons;

    /// <summary>Rewrites every method of the module.</summary>
    /// <param name="edges">The number of the first edge; afterwards the number behind the last.</param>
    /// <returns>How many comparisons are reported.</returns>
    public int Rewrite(ref int edges)
    {
        _edges = edges;
        foreach (MethodDefinition method in module.GetTypes().SelectMany(type => type.Methods))
        {
            bool isStaticConstructor = method.IsConstructor && method.IsStatic;
            if (method.HasBody && !isStaticConstructor && method.DeclaringType.Name != "<Module>")
                Rewrite(method.Body);
        }

        edges = _edges;
        return _comparisons;
    }

    private void Rewrite(MethodBody body)
    {
        body.SimplifyMacros(); // one form of each instruction, and branches that reach any distance
        HashSet<Instruction> places = Places(body);
        Instruction[] old = [.. body.Instructions];
        List<Instruction> now = [.. Count()];
        for (int i = 0; i < old.Length; i++)
        {
            Instruction instruction = old[i];
            List<Instruction> before = places.Contains(instruction) ? Count() : [];
            before.AddRange(Compare(old, i));
            ReplaceSpanComparison(instruction);
            Append(now, before, instruction);
            if (now[^1].OpCode.FlowControl == FlowControl.Cond_Branch)
                now.AddRange(Count());
        }

        body.Instructions.Clear();
        foreach (Instruction instruction in now)
            body.Instructions.Add(instruction);
        body.OptimizeMacros();
    }

    /// <summary>
    /// Appends an instruction with others before it. Branches and handlers refer to an instruction by its object, and must now meet what
    /// stands before it: so the object keeps its place and takes the first of those, and its content moves behind them.
    /// </summary>
    private static void Append(List<Instruction> now, List<Instruction> before, Instruction instruction)
    {
        now.Add(instruction);
        if (before.Count == 0)
            return;
        Instruction moved = Instruction.Create(OpCodes.Nop);
        (moved.OpCode, moved.Operand) = (instruction.OpCode, instruction.Operand);
        (instruction.OpCode, instruction.Operand) = (before[0].OpCode, before[0].Operand);
        now.AddRange(before.Skip(1));
        now.Add(moved);
    }

    /// <summary>Where control arrives other than from the instruction before.</summary>
    private static HashSet<Instruction> Places(MethodBody body)
    {
        HashSet<Instruction> places = [];
        foreach (Instruction instruction in body.Instructions)
        {
            if (instruction.Operand is Instruction target)
                places.Add(target);
            else if (instruction.Operand is Instruction[] targets)
                places.UnionWith(targets);
        }

        foreach (ExceptionHandler handler in body.ExceptionHandlers)
        {
            places.Add(handler.HandlerStart);
            if (handler.FilterStart is not null)
                places.Add(handler.FilterStart);
        }

        return places;
    }

    /// <summary>Adds one to the counter of a new edge; the stack is left as it was.</summary>
    private List<Instruction> Count() =>
    [
        Instruction.Create(OpCodes.Ldsfld, _counters),
        Instruction.Create(OpCodes.Ldc_I4, _edges++),
        Instruction.Create(OpCodes.Add),
        Instruction.Create(OpCodes.Dup),
        Instruction.Create(OpCodes.Ldind_U1),
        Instruction.Create(OpCodes.Ldc_I4, 1),
        Instruction.Create(OpCodes.Add),
        Instruction.Create(OpCodes.Conv_U1),
        Instruction.Create(OpCodes.Stind_I1),
    ];

    /// <summary>Before a constant that the value on the stack is compared with: reports both.</summary>
    private Instruction[] Compare(Instruction[] code, int i)
    {
        Code next = i + 1 < code.Length ? code[i + 1].OpCode.Code : Code.Nop;
        long constant;
        bool is64 = true;
        if (code[i].OpCode.Code == Code.Ldc_I8 && IsComparison(next))
        {
            constant = (long)code[i].Operand;
        }
        else if (code[i].OpCode.Code == Code.Ldc_I4 && IsComparison(next))
        {
            constant = (int)code[i].Operand;
            is64 = false;
        }
        else if (code[i].OpCode.Code == Code.Ldc_I4 && next is Code.Conv_I8 or Code.Conv_U8
            && i + 2 < code.Length && IsComparison(code[i + 2].OpCode.Code) && code[i].Operand is int small)
        {
            constant = next == Code.Conv_I8 ? small : (uint)small;
        }
        else
        {
            return [];
        }

        if (constant is >= -1 and <= 1)
            return []; // signs and truth: found without help, and half of all comparisons

        _comparisons++;
        return
        [
            Instruction.Create(OpCodes.Dup),
            is64 ? Instruction.Create(OpCodes.Ldc_I8, constant) : Instruction.Create(OpCodes.Ldc_I4, (int)constant),
            Instruction.Create(OpCodes.Call, is64 ? _compare64 : _compare32),
        ];
    }

    /// <summary>Sends a comparison of byte spans through the class Coverage.</summary>
    private void ReplaceSpanComparison(Instruction instruction)
    {
        if (instruction.OpCode.Code != Code.Call || instruction.Operand is not GenericInstanceMethod method
            || method.DeclaringType.FullName != "System.MemoryExtensions" || method.Parameters.Count != 2
            || method.GenericArguments is not [{ MetadataType: MetadataType.Byte }]
            || method.Parameters.Any(parameter => !parameter.ParameterType.FullName.StartsWith("System.ReadOnlySpan`1", StringComparison.Ordinal)))
        {
            return;
        }

        MethodReference? reported = method.Name switch
        {
            "SequenceEqual" => _sequenceEqual,
            "StartsWith" => _startsWith,
            _ => null,
        };
        if (reported is null)
            return;
        instruction.Operand = reported;
        _comparisons++;
    }

    private static bool IsComparison(Code code) => code
        is Code.Ceq or Code.Cgt or Code.Cgt_Un or Code.Clt or Code.Clt_Un
        or Code.Beq or Code.Bne_Un or Code.Bge or Code.Bge_Un or Code.Bgt or Code.Bgt_Un or Code.Ble or Code.Ble_Un or Code.Blt or Code.Blt_Un;
}
