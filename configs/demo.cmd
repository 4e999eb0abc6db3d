watch vr
