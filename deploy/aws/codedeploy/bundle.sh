#!/bin/sh
# Makes the bundle that CodeDeploy takes from a package of `make release`, and deploys it:
#   bundle.sh PACKAGE.deb OUT.zip                     # only makes it
#   bundle.sh PACKAGE.deb OUT.zip APPLICATION BUCKET  # … puts it into the bucket, deploys it, and waits
set -eu
package=$1 out=$2
here=$(cd "$(dirname "$0")" && pwd)

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cp "$package" "$folder/siskin.deb"
(cd "$folder" && sha256sum siskin.deb >SHA256SUMS)
cp -R "$here/appspec.yml" "$here/hooks" "$folder/"

rm -f "$out"
# Python has zip where no zip is installed; it keeps which files may be executed.
python3 -c 'import shutil, sys; shutil.make_archive(sys.argv[1], "zip", sys.argv[2])' "${out%.zip}" "$folder"
echo "made $out"

[ $# -gt 2 ] || exit 0
application=$3 bucket=$4
key=codedeploy/$(basename "$package" .deb)-$(sha256sum "$out" | cut -c 1-12).zip
aws s3 cp --only-show-errors "$out" "s3://$bucket/$key"
id=$(aws deploy create-deployment --application-name "$application" --deployment-group-name "$application" \
    --s3-location "bucket=$bucket,key=$key,bundleType=zip" --query deploymentId --output text)
echo "waiting for deployment $id"
aws deploy wait deployment-successful --deployment-id "$id"
