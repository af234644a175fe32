#!/usr/bin/env bash
# Builds kube-apiserver, controller-manager, scheduler, kubectl and kwok from the Go module proxy, once, outside the repository.
# Prints the folder of the binaries. Cold: 5 to 15 minutes on two cores; later: nothing to do.
set -euo pipefail
version=1.33.13
kwok=v0.8.0
cache="${CARM_TOOLS_CACHE:-/var/cache/carm-tools}/kubernetes-$version-kwok-$kwok-$(go env GOVERSION)"
if [ -e "$cache/complete" ]; then echo "$cache"; exit 0; fi
mkdir -p "$cache"
exec 9>"$cache/lock"; flock 9
if [ -e "$cache/complete" ]; then echo "$cache"; exit 0; fi

work="$(mktemp -d)"; trap 'rm -rf "$work"' EXIT
cd "$work"
# Downloading the module without its staging replacements gives us the list of them.
mod="$(go mod download -json "k8s.io/kubernetes@v$version" | sed -n 's/^\t"GoMod": "\(.*\)",\{0,1\}$/\1/p')"
{
  echo "module carm.local/kubernetes"
  grep -E '^(go|godebug) ' "$mod"
  echo "require k8s.io/kubernetes v$version"
  sed -n 's#^\t\(k8s.io/[a-z0-9-]*\) => ./staging/.*#\1#p' "$mod" | sort -u | while read -r name; do
    echo "replace $name => $name v0.${version#1.}"
  done
} > go.mod
cat > tools.go <<'GO'
//go:build tools

package tools

import (
	_ "k8s.io/kubernetes/cmd/kube-apiserver"
	_ "k8s.io/kubernetes/cmd/kube-controller-manager"
	_ "k8s.io/kubernetes/cmd/kube-scheduler"
	_ "k8s.io/kubernetes/cmd/kubectl"
)
GO
go mod tidy >&2
stamp=k8s.io/component-base/version
flags="-s -w -X $stamp.gitVersion=v$version -X $stamp.gitMajor=1 -X $stamp.gitMinor=33 -X $stamp.gitTreeState=clean"
for command in kubectl kube-scheduler kube-controller-manager kube-apiserver; do
  echo "building $command $version" >&2
  CGO_ENABLED=0 go build -p "${CARM_BUILD_JOBS:-2}" -trimpath -ldflags "$flags" -o "$cache/" "k8s.io/kubernetes/cmd/$command" >&2
done
echo "building kwok $kwok" >&2
GOBIN="$cache" CGO_ENABLED=0 go install -p "${CARM_BUILD_JOBS:-2}" -trimpath -ldflags '-s -w' "sigs.k8s.io/kwok/cmd/kwok@$kwok" >&2
touch "$cache/complete"
echo "$cache"
