// Command generate writes karst's vector files with the real libolm:
//
//	go run ./cmd/generate -out ../testdata
package main

import (
	"flag"
	"fmt"
	"os"

	"github.com/karst-im/karst/vectors/oracle/internal/generate"
)

func main() {
	out := flag.String("out", "", "folder for the files, which must exist")
	flag.Parse()
	if *out == "" || flag.NArg() > 0 {
		flag.Usage()
		os.Exit(2)
	}
	if err := generate.Write(*out); err != nil {
		fmt.Fprintln(os.Stderr, "generate:", err)
		os.Exit(1)
	}
}
