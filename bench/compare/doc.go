// Package compare measures karst beside libolm and goolm in one run:
//
//	go test -tags goolm -bench . -count 6
//
// It needs cgo and libolm (Debian's libolm-dev). Each iteration is the work of one side. The peers take
// and give base64, so karst does too; the rows named raw are karst without it.
package compare
