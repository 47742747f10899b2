provider "aws" {
  region = "eu-west-1"
}

provider "aws" {
  alias  = "backup"
  region = "us-east-1"
}

resource "aws_cloudfront_distribution" "site" {
  enabled = true
  origin {
    origin_id   = "site"
    domain_name = aws_s3_bucket.site.bucket_regional_domain_name
  }
  origin {
    origin_id   = "copy"
    domain_name = aws_s3_bucket.copy.bucket_regional_domain_name
  }
}

resource "aws_s3_bucket" "site" {
  bucket = "example-site"
}

resource "aws_s3_bucket" "copy" {
  provider = aws.backup
  bucket   = "example-site-copy"
}

resource "aws_s3_bucket_replication_configuration" "site" {
  bucket = aws_s3_bucket.site.id
  role   = aws_iam_role.replication.arn
  rule {
    status = "Enabled"
    destination {
      bucket = aws_s3_bucket.copy.arn
    }
  }
}

resource "aws_iam_role" "replication" {
  assume_role_policy = jsonencode({ Statement = [{ Action = "sts:AssumeRole", Principal = { Service = "s3.amazonaws.com" } }] })
}

resource "aws_s3_bucket_notification" "site" {
  bucket = aws_s3_bucket.site.id
  lambda_function {
    lambda_function_arn = aws_lambda_function.index.arn
    events              = ["s3:ObjectCreated:*"]
  }
}

resource "aws_lambda_function" "index" {
  function_name = "index-pages"
  role          = aws_iam_role.index.arn
  environment {
    variables = { TABLE = aws_dynamodb_table.pages.name }
  }
}

resource "aws_iam_role" "index" {
  assume_role_policy = jsonencode({ Statement = [{ Action = "sts:AssumeRole", Principal = { Service = "lambda.amazonaws.com" } }] })
  inline_policy {
    name   = "index"
    policy = data.aws_iam_policy_document.index.json
  }
}

data "aws_iam_policy_document" "index" {
  statement {
    actions   = ["dynamodb:PutItem"]
    resources = [aws_dynamodb_table.pages.arn]
  }
}

resource "aws_dynamodb_table" "pages" {
  name     = "pages"
  hash_key = "path"
}
