//go:build linux && amd64 && !race && purego && !goexperiment.runtimesecret

package erasure_test

const build = "purego"
