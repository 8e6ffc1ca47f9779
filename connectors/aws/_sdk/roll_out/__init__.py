"""The role that annexd enters, in the forms in which AWS takes it: policies, CloudFormation, Terraform."""
