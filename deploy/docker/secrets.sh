#!/bin/sh
# Makes the secrets of compose.cluster.yaml, each in a file of its own; what is there stays.
#
# The folder is its owner's only. The files in it may be read by anybody who gets that far, since a
# container sees its secrets with the modes that they have here, and runs as nobody in particular.
set -eu
cd "$(dirname "$0")"
umask 077
mkdir -p secrets
chmod 700 secrets

# secret NAME COMMAND… writes what the command prints.
secret() {
    name=$1
    shift
    [ -s "secrets/$name" ] && return
    "$@" >"secrets/$name.new"
    chmod 444 "secrets/$name.new"
    mv "secrets/$name.new" "secrets/$name"
    echo "made secrets/$name"
}

# random BYTES prints so many random bytes as hexadecimal digits: nothing that an address must escape.
random() { od -An -N "$1" -tx1 /dev/urandom | tr -d ' \n'; }

# The password stands in the address, so both are made of one.
address() {
    echo "mongodb://siskin:$(cat secrets/mongodb_siskin_password)@mongodb1:27017,mongodb2:27017,mongodb3:27017/siskin?replicaSet=siskin&authSource=siskin"
}

secret mongodb_keyfile random 378
secret mongodb_root_password random 24
secret mongodb_siskin_password random 24
secret siskin_database_url address
secret grafana_admin_password random 24
