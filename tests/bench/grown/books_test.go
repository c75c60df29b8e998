package grown

import (
	"slices"
	"strings"
	"testing"
	"time"
)

var books = Books{Orders: 20, Accounts: 10, Busy: 2, Money: 100, End: time.UnixMilli(1_000_000)}

func TestUsersAreSpreadAndHalfOfThemBusy(t *testing.T) {
	if got, want := books.Users(4), []string{"grown-0", "grown-2", "grown-1", "grown-6"}; !slices.Equal(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
	if got, want := books.BusyUsers(50), []string{"grown-0", "grown-1"}; !slices.Equal(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
}

func TestFewBusyUsersTakeTheirHalfInTurn(t *testing.T) {
	want := []string{"grown-0", "grown-2", "grown-1", "grown-4", "grown-0", "grown-6", "grown-1", "grown-8"}
	if got := books.Users(8); !slices.Equal(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
}

func TestStatementsHaveEveryNumber(t *testing.T) {
	for server, tables := range books.Statements() {
		for table, statement := range tables {
			if !strings.HasPrefix(statement, "INSERT INTO "+table+" ") || strings.Contains(statement, "%!") {
				t.Errorf("%s of %s: %s", table, server, statement)
			}
		}
	}
}
