# The same with a link to the folder.
# exit: 1
rm -r nets/blocks
ln -s wide/blocks nets/blocks
