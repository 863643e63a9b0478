//! Wire shapes and limits of the AWS APIs Trent speaks, generated from the published models.
