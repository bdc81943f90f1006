//go:build linux && amd64 && !race && !purego && !goexperiment.runtimesecret && goexperiment.boringcrypto

package erasure_test

const build = "boringcrypto"
