package main

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
)

// The changes to assembly are not in the table but made from the files: every instruction that reads a flag, or adds or
// subtracts what one left, is taken away, or reads no flag, another one, or its opposite.

// assemblyFiles have instructions that read flags.
var assemblyFiles = []string{
	"internal/aes/aes_amd64.s", "internal/curve/curve_amd64.s", "internal/sha2/sha256_amd64.s", "internal/wire/base64_amd64.s",
}

var (
	symbol      = regexp.MustCompile(`^TEXT ·(\w+)\(SB\)`)
	instruction = regexp.MustCompile(`^\t([A-Z][A-Z0-9]*)( |$)`)
	readsFlag   = regexp.MustCompile(`^(ADC[QL]|SBB[QL]|ADCXQ|ADOXQ|CMOV\w+|SET\w+|J[A-LN-Z]\w*)$`)
	// Of a carry that is not in a flag any more: it was made a number.
	addsCarry = regexp.MustCompile(`^(ADDQ|SUBQ|ANDL|IMUL3Q|NEGQ)$`)
)

// others are what an instruction becomes, besides nothing.
var others = map[string][]string{
	"ADCQ": {"ADDQ"}, "SBBQ": {"SUBQ"}, "ADCXQ": {"ADOXQ", "ADDQ"}, "ADOXQ": {"ADCXQ", "ADDQ"},
	"CMOVQNE": {"CMOVQEQ", "MOVQ"}, "JNZ": {"JZ"}, "JZ": {"JNZ"}, "JNE": {"JEQ"}, "JEQ": {"JNE"},
}

// survivors are the changes that make no difference, and why. The number is how many such lines there are.
var survivors = map[string]string{}

func assembly(root string) (list []mutation, err error) {
	for _, file := range assemblyFiles {
		text, err := os.ReadFile(filepath.Join(root, file))
		if err != nil {
			return nil, err
		}
		function := ""
		for i, line := range strings.Split(string(text), "\n") {
			if m := symbol.FindStringSubmatch(line); m != nil {
				function = m[1]
			}
			m := instruction.FindStringSubmatch(line)
			if m == nil || !readsFlag.MatchString(m[1]) && !addsCarry.MatchString(m[1]) {
				continue
			}
			changed := []string{"\tNOP"}
			for _, other := range others[m[1]] {
				changed = append(changed, strings.Replace(line, m[1], other, 1))
			}
			for _, to := range changed {
				name := fmt.Sprintf("%s, line %d: %s becomes %s", function, i+1, squeeze(line), squeeze(to))
				list = append(list, mutation{
					name: name, file: file, line: i + 1, old: line, new: to, gates: byAssembly, excused: survivors[name],
				})
			}
		}
	}
	return list, nil
}

// squeeze makes one space of several.
func squeeze(line string) string { return strings.Join(strings.Fields(line), " ") }
