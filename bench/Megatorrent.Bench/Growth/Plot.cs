using System.Globalization;
using System.Text;

namespace Megatorrent.Bench.Growth;

/// <summary>Draws diagrams side by side as SVG, for documents: no script, no style sheet, legible on white and in print.</summary>
internal static class Plot
{
    private const int Width = 360, Height = 260, Left = 58, Right = 16, Top = 34, Bottom = 46;
    private const int Columns = 2;

    private static readonly string[] Colours = ["#1f6fb2", "#c2410c", "#3f7d20"];

    public static string Draw(IReadOnlyList<Panel> panels)
    {
        int rows = (panels.Count + Columns - 1) / Columns;
        var svg = new StringBuilder();
        svg.AppendLine(CultureInfo.InvariantCulture,
            $"""<svg xmlns="http://www.w3.org/2000/svg" width="{Columns * Width}" height="{rows * Height}" font-family="sans-serif" font-size="11">""");
        svg.AppendLine("""<rect width="100%" height="100%" fill="white"/>""");
        for (int i = 0; i < panels.Count; i++)
        {
            svg.AppendLine(CultureInfo.InvariantCulture, $"""<g transform="translate({i % Columns * Width},{i / Columns * Height})">""");
            Draw(svg, panels[i]);
            svg.AppendLine("</g>");
        }

        svg.AppendLine("</svg>");
        return svg.ToString();
    }

    private static void Draw(StringBuilder svg, Panel panel)
    {
        (double X, double Y)[] all = [.. panel.Lines.SelectMany(static line => line.Points)];
        double least = Math.Log(all.Min(static point => point.X)), most = Math.Log(all.Max(static point => point.X));
        double ceiling = Ceiling(all.Max(static point => point.Y));
        double XOf(double x) => Left + (most > least ? (Math.Log(x) - least) / (most - least) : 0.5) * (Width - Left - Right);
        double YOf(double y) => Height - Bottom - y / ceiling * (Height - Top - Bottom);

        Text(svg, Width / 2.0, 18, "middle", panel.Title, bold: true);
        Text(svg, Width / 2.0, Height - 8, "middle", panel.XName);
        for (int step = 0; step <= 4; step++)
        {
            double value = ceiling * step / 4;
            svg.AppendLine(CultureInfo.InvariantCulture,
                $"""<line x1="{Left}" x2="{Width - Right}" y1="{YOf(value):0.#}" y2="{YOf(value):0.#}" stroke="#ddd"/>""");
            Text(svg, Left - 6, YOf(value) + 4, "end", Label(value));
        }

        Text(svg, 6, Top - 8, "start", panel.YName);
        foreach (double x in all.Select(static point => point.X).Distinct())
            Text(svg, XOf(x), Height - Bottom + 16, "middle", x >= 1e6 ? Label(x / 1e6) + " M" : Label(x));
        for (int i = 0; i < panel.Lines.Count; i++)
        {
            Series line = panel.Lines[i];
            string colour = Colours[i % Colours.Length];
            string path = string.Join(' ', line.Points.Select(point => string.Create(
                CultureInfo.InvariantCulture, $"{XOf(point.X):0.#},{YOf(point.Y):0.#}")));
            svg.AppendLine(CultureInfo.InvariantCulture, $"""<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="2"/>""");
            foreach (var (x, y) in line.Points)
                svg.AppendLine(CultureInfo.InvariantCulture, $"""<circle cx="{XOf(x):0.#}" cy="{YOf(y):0.#}" r="3" fill="{colour}"/>""");
            Text(svg, Left + 8 + (i * 90), Top + 6, "start", line.Name, colour);
        }
    }

    private static string Label(double value) => value.ToString("0.###", CultureInfo.InvariantCulture);

    private static void Text(StringBuilder svg, double x, double y, string anchor, string text, string colour = "#222", bool bold = false) =>
        svg.AppendLine(CultureInfo.InvariantCulture,
            $"""<text x="{x:0.#}" y="{y:0.#}" text-anchor="{anchor}" fill="{colour}"{(bold ? " font-weight=\"bold\"" : "")}>{text}</text>""");

    // 1, 2 or 5 times a power of ten.
    private static double Ceiling(double value)
    {
        double power = Math.Pow(10, Math.Floor(Math.Log10(Math.Max(value, 1e-9))));
        foreach (double step in (double[])[1, 2, 5, 10])
        {
            if (value <= step * power)
                return step * power;
        }

        return 10 * power;
    }
}
