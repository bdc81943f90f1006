// Package sqlite3 takes the place of github.com/mattn/go-sqlite3, which needs cgo, in tests that are to
// run without: it registers a driver under the same name that is written in Go.
package sqlite3

import (
	"database/sql"
	"database/sql/driver"
	"strings"

	"modernc.org/sqlite"
)

func init() { sql.Register("sqlite3", translating{new(sqlite.Driver)}) }

// translating takes the parameters of a data source as mattn's driver spells them.
type translating struct{ driver.Driver }

var parameters = strings.NewReplacer(
	"_busy_timeout=", "_pragma=busy_timeout=",
	"_foreign_keys=", "_pragma=foreign_keys=",
	"_journal_mode=", "_pragma=journal_mode=",
)

func (t translating) Open(name string) (driver.Conn, error) {
	return t.Driver.Open(parameters.Replace(name))
}
