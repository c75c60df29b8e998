// Package catalogue holds docs/faults.md and the tests that it names together.
package catalogue

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

const (
	checkout = "../../.."
	document = checkout + "/docs/faults.md"
)

var (
	// A row of the table: its number, and its last cell.
	tableRow = regexp.MustCompile(`(?m)^\| *(\d+) *\|.*\|([^|]*)\|$`)
	// A Go test, or a C++ one as suite and case.
	testName = regexp.MustCompile("`(Test[A-Za-z0-9]+|[A-Za-z0-9]+Test\\.[A-Za-z0-9]+)`")
	// A test that says whose proof it is: the rows, and its name.
	claim  = regexp.MustCompile(`(?m)^// Rows? ((?:\d+(?:, | and )?)+)[^\n]*\n(?://[^\n]*\n)*func (Test[A-Za-z0-9]+)\(`)
	number = regexp.MustCompile(`\d+`)

	goTest  = regexp.MustCompile(`(?m)^func (Test[A-Za-z0-9]+)\(`)
	cppTest = regexp.MustCompile(`TEST(?:_[FP])?\((\w+),\s*(\w+)\)`)
)

func TestEveryRowNamesTestsThatExist(t *testing.T) {
	exist := existingTests(t)
	seen := map[string]bool{}
	for _, row := range tableRow.FindAllStringSubmatch(read(t, document), -1) {
		number, names := row[1], testName.FindAllStringSubmatch(row[2], -1)
		if seen[number] {
			t.Errorf("row %s is there twice", number)
		}
		seen[number] = true
		if len(names) == 0 {
			t.Errorf("row %s names no test", number)
		}
		for _, name := range names {
			if !exist[name[1]] {
				t.Errorf("row %s: there is no test %s", number, name[1])
			}
		}
	}
	if len(seen) == 0 {
		t.Error("no rows found")
	}
}

func TestEveryProofOfARowIsNamedThere(t *testing.T) {
	named := map[string]string{}
	for _, row := range tableRow.FindAllStringSubmatch(read(t, document), -1) {
		named[row[1]] = row[2]
	}
	tests, err := filepath.Glob("../*_test.go")
	if err != nil || len(tests) == 0 {
		t.Fatalf("no tests found: %v", err)
	}
	for _, path := range tests {
		for _, claimed := range claim.FindAllStringSubmatch(read(t, path), -1) {
			for _, row := range number.FindAllString(claimed[1], -1) {
				if !strings.Contains(named[row], "`"+claimed[2]+"`") {
					t.Errorf("%s says it is of row %s, which does not name it", claimed[2], row)
				}
			}
		}
	}
}

func existingTests(t *testing.T) map[string]bool {
	t.Helper()
	exist := map[string]bool{}
	for _, room := range []string{"tests", "platform", "orders", "payments", "gateway", "deploy"} {
		err := filepath.WalkDir(filepath.Join(checkout, room), func(path string, entry os.DirEntry, err error) error {
			if err != nil || entry.IsDir() {
				return err
			}
			switch {
			case strings.HasSuffix(path, "_test.go"):
				for _, test := range goTest.FindAllStringSubmatch(read(t, path), -1) {
					exist[test[1]] = true
				}
			case strings.HasSuffix(path, "_test.cc"):
				for _, test := range cppTest.FindAllStringSubmatch(read(t, path), -1) {
					exist[test[1]+"."+test[2]] = true
				}
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	return exist
}

func read(t *testing.T, path string) string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
