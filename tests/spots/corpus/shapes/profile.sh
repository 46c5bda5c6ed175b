# ~/.profile
export CF_TUNNEL='@TOKEN@'; export EDITOR=vim
