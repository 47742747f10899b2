# The value hunter2-planted-secret is in every kind of place.
locals { token = "hunter2-planted-secret" }
variable "password" { default = "hunter2-planted-secret" }
provider "aws" { secret_key = "hunter2-planted-secret" }
module "other" { source = "git::https://hunter2-planted-secret@example.com/x.git" }
resource "aws_lambda_function" "save" {
  function_name = "hunter2-planted-secret"
  tags          = { Name = "hunter2-planted-secret" }
  environment { variables = { TOKEN = "hunter2-planted-secret", TABLE = "${aws_dynamodb_table.notes.name}-hunter2-planted-secret", L = local.token } }
}
resource "aws_dynamodb_table" "notes" { for_each = toset(["hunter2-planted-secret"]) }
resource "aws_odd_thing" "x" { value = "hunter2-planted-secret" }
