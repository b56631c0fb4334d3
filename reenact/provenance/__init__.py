"""What tells everybody that a picture was made by a program: watermark, signed manifest, badge, consent."""
