"""What calls to S3 ask of IAM.

Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/using-with-s3-policy-actions.html (2026-11-23).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from eks_lab.aws.service import Action

_ACTIONS = {
    "ListBuckets": "ListAllMyBuckets",
    "ListObjects": "ListBucket",
    "ListObjectsV2": "ListBucket",
    "HeadBucket": "ListBucket",
    "HeadObject": "GetObject",
    "GetObjectAttributes": "GetObject",
    "SelectObjectContent": "GetObject",
    "CreateMultipartUpload": "PutObject",
    "UploadPart": "PutObject",
    "UploadPartCopy": "PutObject",
    "CompleteMultipartUpload": "PutObject",
    "CopyObject": "PutObject",
    "ListMultipartUploads": "ListBucketMultipartUploads",
    "ListParts": "ListMultipartUploadParts",
    "ListObjectVersions": "ListBucketVersions",
    "GetBucketEncryption": "GetEncryptionConfiguration",
    "PutBucketEncryption": "PutEncryptionConfiguration",
    "DeleteBucketEncryption": "PutEncryptionConfiguration",
    "GetBucketLifecycle": "GetLifecycleConfiguration",
    "GetBucketLifecycleConfiguration": "GetLifecycleConfiguration",
    "PutBucketLifecycle": "PutLifecycleConfiguration",
    "PutBucketLifecycleConfiguration": "PutLifecycleConfiguration",
    "DeleteBucketLifecycle": "PutLifecycleConfiguration",
    "GetPublicAccessBlock": "GetBucketPublicAccessBlock",
    "PutPublicAccessBlock": "PutBucketPublicAccessBlock",
    "DeletePublicAccessBlock": "PutBucketPublicAccessBlock",
    "GetBucketReplication": "GetReplicationConfiguration",
    "PutBucketReplication": "PutReplicationConfiguration",
    "DeleteBucketReplication": "PutReplicationConfiguration",
    "GetBucketNotificationConfiguration": "GetBucketNotification",
    "PutBucketNotificationConfiguration": "PutBucketNotification",
    "DeleteBucketTagging": "PutBucketTagging",
    "GetBucketCors": "GetBucketCORS",
    "PutBucketCors": "PutBucketCORS",
    "DeleteBucketCors": "PutBucketCORS",
    "GetBucketAccelerateConfiguration": "GetAccelerateConfiguration",
    "PutBucketAccelerateConfiguration": "PutAccelerateConfiguration",
    "GetObjectLockConfiguration": "GetBucketObjectLockConfiguration",
    "PutObjectLockConfiguration": "PutBucketObjectLockConfiguration",
    "DeleteBucketOwnershipControls": "PutBucketOwnershipControls",
    "ListBucketAnalyticsConfigurations": "GetAnalyticsConfiguration",
    "ListBucketInventoryConfigurations": "GetInventoryConfiguration",
    "ListBucketMetricsConfigurations": "GetMetricsConfiguration",
}


def actions(operation: str, params: Mapping[str, Any]) -> Iterator[Action]:
    """Yield what IAM must allow for a call to S3.

    Args:
        operation: botocore's name.
        params: of the call.
    """
    bucket = str(params.get("Bucket") or "")
    if operation == "DeleteObjects":
        for entry in (params.get("Delete") or {}).get("Objects") or ():
            yield Action("s3:DeleteObject", f"arn:aws:s3:::{bucket}/{entry.get('Key', '')}")
        return
    if operation in ("CopyObject", "UploadPartCopy"):
        source = params.get("CopySource") or ""
        if isinstance(source, Mapping):
            source = f"{source.get('Bucket', '')}/{source.get('Key', '')}"
        yield Action("s3:GetObject", f"arn:aws:s3:::{str(source).lstrip('/').split('?')[0]}")
    name = _ACTIONS.get(operation, operation)
    if params.get("VersionId") and name in ("GetObject", "DeleteObject"):
        name += "Version"
    if not bucket:
        yield Action(f"s3:{name}", "*")
        return
    resource = f"arn:aws:s3:::{bucket}"
    if params.get("Key"):
        resource += f"/{params['Key']}"
    context: dict[str, str | list[str]] = {}
    for parameter, key in (
        *(("Prefix", "s3:prefix"), ("Delimiter", "s3:delimiter"), ("MaxKeys", "s3:max-keys")),
        *(("ACL", "s3:x-amz-acl"), ("ServerSideEncryption", "s3:x-amz-server-side-encryption")),
        *(("SSEKMSKeyId", "s3:x-amz-server-side-encryption-aws-kms-key-id"),),
        *(("StorageClass", "s3:x-amz-storage-class"), ("VersionId", "s3:VersionId")),
    ):
        if params.get(parameter) is not None:
            context[key] = str(params[parameter])
    yield Action(f"s3:{name}", resource, context)
