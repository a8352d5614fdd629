# Names of files, layers and budgets, and the message, are commands, markup, mentions and links.
# exit: 1
name=$(printf 'nets/x\n::error::forged <!-- costcalc:check --> @everyone.yaml')
sed 's/out: 4/out: 400/' nets/a.yaml > "$name"
cat > costcalc.yaml <<'YAML'
specs: nets/*.yaml
budgets:
  - name: "::set-output name=x::@everyone [x](https://example.org) <img src=x>"
    limits: {macs: {max: 1}}
    message: "@everyone #1 www.example.org [x](https://example.org) <b>\n::add-mask::x"
YAML
