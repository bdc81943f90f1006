/** What results.json holds, as the Markdown of results.md. */
export function table({ date, node, cpu, published, download, rows }) {
	const kilobytes = (n) => `${(n / 1000).toFixed(1)} kB`;
	const line = (r) => `| ${r.name} | ${(r.ours * 1000).toFixed(1)} | ${(r.theirs * 1000).toFixed(1)} | ${r.ratio.toFixed(2)} | ${r.spread.map((n) => n.toFixed(2)).join(" to ")} |`;
	return `# Beside the published @matrix-org/olm

Microseconds at best, both packages in one run of \`node wasm/bench/bench.mjs\` under Node ${node} on ${cpu}, ${date};
above 1 this package is faster. The spread is that of the middle half of the rounds, each of which measured both. The
published one is version ${published}, its WebAssembly build. To download, script and module gzipped: ${kilobytes(download[0])} beside
${kilobytes(download[1])}.

| operation | this package | @matrix-org/olm | times faster | spread |
|---|--:|--:|--:|--:|
${rows.map(line).join("\n")}
`;
}
