// Run by mongosh on the first member, from its own machine: makes the replica set and the accounts.
// May be run again: what is there is left as it is.
'use strict';
const { readFileSync } = require('fs');

const secret = (name) => readFileSync(`/run/secrets/${name}`, 'utf8').trim();
const admin = db.getSiblingDB('admin');
const members = ['mongodb1', 'mongodb2', 'mongodb3'];

/** Whether there are accounts already: then everything has been done before. */
function known() {
  try {
    admin.auth('root', secret('mongodb_root_password'));
    return true;
  } catch {
    return false;
  }
}

/** Waits until this member is the primary, which is the only one that takes accounts. */
function waitForPrimary() {
  for (let tries = 0; tries < 60; tries += 1) {
    if (db.hello().isWritablePrimary) return;
    sleep(1000);
  }
  throw new Error('this member has not become the primary within a minute: look at the members\' logs');
}

if (!known()) {
  try {
    rs.initiate({
      _id: 'siskin',
      // The first one is preferred, so that the accounts can be made from its own machine.
      members: members.map((name, i) => ({ _id: i, host: `${name}:27017`, priority: i === 0 ? 2 : 1 })),
    });
  } catch (error) {
    // An earlier run got this far.
    if (error.codeName !== 'AlreadyInitialized') throw error;
  }
  waitForPrimary();
  admin.createUser({ user: 'root', pwd: secret('mongodb_root_password'), roles: ['root'] });
  admin.auth('root', secret('mongodb_root_password'));
}

const siskin = db.getSiblingDB('siskin');
if (!siskin.getUser('siskin')) {
  waitForPrimary();
  // readWrite has all that the servers do: transactions, indexes, change streams of this database.
  siskin.createUser({ user: 'siskin', pwd: secret('mongodb_siskin_password'), roles: ['readWrite'] });
}
print('The replica set and its accounts are there.');
