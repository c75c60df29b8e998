package report

import (
	"encoding/json"
	"math"
	"os"
	"path/filepath"
	"time"
)

// Document is a whole run, for programs.
type Document struct {
	Start time.Time `json:"start_time"`
	// Pace says how long was measured.
	Pace    string            `json:"pace"`
	Took    float64           `json:"took_s"`
	Machine map[string]string `json:"machine"`
	Lines   []documentLine    `json:"lines"`
	// Rounds have every figure, also those that are on no line.
	Rounds  []Figures `json:"rounds"`
	Receipt string    `json:"receipt,omitempty"`
	Audit   string    `json:"audit"`
}

type documentLine struct {
	Row        int              `json:"row"`
	What       string           `json:"what"`
	Unit       string           `json:"unit"`
	Median     *float64         `json:"median"` // null if all rounds are void
	Values     []float64        `json:"values"`
	Yardstick  string           `json:"yardstick,omitempty"`
	Yardsticks []float64        `json:"yardstick_values,omitempty"`
	Ratios     []float64        `json:"ratios,omitempty"`
	DidNotHold bool             `json:"did_not_hold,omitempty"`
	Targets    []documentTarget `json:"targets"`
}

type documentTarget struct {
	Target  string  `json:"target"`
	Verdict Verdict `json:"verdict"`
}

// Write makes report.json and report.svg in the folder.
func (d Document) Write(dir string, results []Result) error {
	for _, result := range results {
		line := documentLine{
			Row: result.Row, What: result.What, Unit: result.Unit, Values: result.Values,
			Yardstick: result.Yardstick, Yardsticks: result.Yardsticks, Ratios: result.Ratios, DidNotHold: result.DidNotHold,
		}
		if median := Median(result.Values); !math.IsNaN(median) {
			line.Median = &median
		}
		for _, target := range result.Targets {
			line.Targets = append(line.Targets, documentTarget{target.String(), result.Judge(target)})
		}
		d.Lines = append(d.Lines, line)
	}
	text, err := json.MarshalIndent(d, "", "  ")
	if err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(dir, "report.json"), append(text, '\n'), 0o644); err != nil {
		return err
	}
	picture, err := os.Create(filepath.Join(dir, "report.svg"))
	if err != nil {
		return err
	}
	defer picture.Close()
	return plot(picture, results)
}
