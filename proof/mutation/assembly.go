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

// Why some changes make no difference.
const (
	firstOfRow = "both carries are zero there, and what it carries is added to the next word by the next instruction, whichever carry that is in"
	noBorrow   = "a third time nothing is borrowed: the minuend would have to be a square below 38, so that of a number below 7, " +
		"and what is subtracted then is, modulo 2p, no larger"
)

// survivors are the changes that make no difference.
var survivors = map[string]string{
	"product, line 23: ADCXQ AX, R9 becomes ADOXQ AX, R9":        firstOfRow,
	"product, line 39: ADCXQ AX, R10 becomes ADOXQ AX, R10":      firstOfRow,
	"product, line 55: ADCXQ AX, R11 becomes ADOXQ AX, R11":      firstOfRow,
	"product, line 71: ADCXQ AX, R8 becomes ADOXQ AX, R8":        firstOfRow,
	"square, line 105: ADCXQ AX, R10 becomes ADOXQ AX, R10":      firstOfRow,
	"square, line 146: ADCXQ AX, R8 becomes ADOXQ AX, R8":        firstOfRow,
	"ladderStepADX, line 419: ADCXQ AX, R8 becomes ADOXQ AX, R8": firstOfRow,
	"ladderStepADX, line 393: SBBQ DI, DI becomes SUBQ DI, DI":   noBorrow,
	"ladderStepADX, line 394: ANDL $0x26, DI becomes NOP":        noBorrow,
	"ladderStepADX, line 395: SUBQ DI, R8 becomes NOP":           noBorrow,
	"pointDoubleADX, line 793: SBBQ DI, DI becomes SUBQ DI, DI":  noBorrow,
	"pointDoubleADX, line 794: ANDL $0x26, DI becomes NOP":       noBorrow,
	"pointDoubleADX, line 795: SUBQ DI, R8 becomes NOP":          noBorrow,
}

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
