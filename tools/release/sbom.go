package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
)

// cyclonedx makes a list of what a module is made of, in CycloneDX's format.
const cyclonedx = "github.com/CycloneDX/cyclonedx-gomod/cmd/cyclonedx-gomod@v1.10.0"

// writeSBOM writes which modules, of which versions and licences, the packages of this one are made of.
func (i *importer) writeSBOM(m goModule, out string) error {
	folder := filepath.Join(i.tree, m.folder)
	// Importers do not have the checkout's replacements.
	for _, other := range published {
		if _, err := i.goCommand(folder, "mod", "edit", "-dropreplace="+other.path); err != nil {
			return err
		}
	}
	if _, err := i.goCommand(folder, "mod", "tidy"); err != nil { // checksums of what was replaced
		return err
	}
	file := filepath.Join(out, fmt.Sprintf("%s-%s.cdx.json", m.name(), i.version))
	// The list has checksums of the program that made it: it is built as anybody else would build it.
	environment := append(i.environment, "CGO_ENABLED=0", "GOFLAGS=-mod=mod -trimpath -buildvcs=false")
	_, err := command(folder, environment, "go", "run", cyclonedx, "mod", "-json", "-licenses", "-noserial", "-notimestamp", "-short-purls", "-type=library", "-output="+file)
	if err != nil {
		return err
	}
	data, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	var list bom
	if err := json.Unmarshal(data, &list); err != nil {
		return fmt.Errorf("%s: %w", file, err)
	}
	if is, want := list.Metadata.Component, (component{m.path, "v" + i.version}); is != want {
		return fmt.Errorf("%s is of %v, not of %v", file, is, want)
	}
	for _, c := range list.Components {
		if c.Version == "" {
			return fmt.Errorf("%s does not know the version of %s", file, c.Name)
		}
	}
	return nil
}

// A bom is what is read of CycloneDX's format here.
type bom struct {
	Metadata   struct{ Component component }
	Components []component
}

type component struct{ Name, Version string }
