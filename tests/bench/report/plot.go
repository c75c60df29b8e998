package report

import (
	"fmt"
	"html/template"
	"io"
	"math"
	"slices"
)

// The plot's measures, in pixels.
const (
	labelWidth = 460
	plotWidth  = 440
	barHeight  = 24
	margin     = 30
	// plotMost is the part of the target at the plot's right edge; more is drawn there.
	plotMost = 2.0
)

// bar is one target of one line: the rounds' range and their median, as parts of the target.
type bar struct {
	Label            string
	Y                int
	Low, High, Point float64
	Verdict          Verdict
}

var svg = template.Must(template.New("plot").Parse(`<svg xmlns="http://www.w3.org/2000/svg" width="{{.Width}}" height="{{.Height}}" font-family="sans-serif" font-size="13">
<style>text { fill: #222 } .met { fill: #2a7d4f; stroke: #2a7d4f } .missed { fill: #b3372f; stroke: #b3372f }</style>
<rect width="100%" height="100%" fill="#fff"/>
<line x1="{{.Target}}" y1="24" x2="{{.Target}}" y2="{{.Height}}" stroke="#888" stroke-dasharray="4 3"/>
<text x="{{.Target}}" y="16" text-anchor="middle">target</text>
{{range .Bars}}<text x="10" y="{{.Y}}" dy="4">{{.Label}}</text>
<g class="{{.Verdict}}"><line x1="{{.Low}}" y1="{{.Y}}" x2="{{.High}}" y2="{{.Y}}" stroke-width="3"/><circle cx="{{.Point}}" cy="{{.Y}}" r="5"/></g>
{{end}}</svg>
`))

// plot draws, for each target that could be judged, how much of it was attained: the median
// as a dot and the rounds' range as a line; right of the target it is met.
func plot(out io.Writer, results []Result) error {
	var bars []bar
	for _, result := range results {
		for _, target := range result.Targets {
			attained := result.Attained(target)
			if len(attained) == 0 {
				continue
			}
			bars = append(bars, bar{
				Label: fmt.Sprintf("%d  %s, %s: %v", result.Row, result.What, result.Unit, target),
				Y:     margin + barHeight*len(bars) + barHeight/2,
				Low:   position(slices.Min(attained)), High: position(slices.Max(attained)), Point: position(Median(attained)),
				Verdict: result.Judge(target),
			})
		}
	}
	return svg.Execute(out, map[string]any{
		"Width": labelWidth + plotWidth + margin, "Height": margin + barHeight*len(bars) + margin/2,
		"Target": position(1), "Bars": bars,
	})
}

func position(attained float64) float64 {
	return labelWidth + math.Round(plotWidth*min(attained, plotMost)/plotMost)
}
