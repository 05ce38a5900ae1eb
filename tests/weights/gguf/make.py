"""Writes dequantized.json, with Python's gguf 0.19: python make.py"""
import numpy as np, json, base64
from gguf import quants, GGMLQuantizationType as T
rng=np.random.default_rng(7)
S={"F16":(1,2,[]),"BF16":(1,2,[]),"F32":(1,4,[]),"Q4_0":(32,18,[0]),"Q4_1":(32,20,[0,2]),"Q5_0":(32,22,[0]),"Q5_1":(32,24,[0,2]),"Q8_0":(32,34,[0]),"Q4_K":(256,144,[0,2]),"Q5_K":(256,176,[0,2]),"Q6_K":(256,210,[208])}
out={}
for n,(v,b,h) in S.items():
    count=4 if v==256 else 8 if v==32 else 64
    raw=rng.integers(0,256,(count,b),dtype=np.uint8)
    if v==1:
        if n=="F32": raw=rng.standard_normal(count).astype(np.float32).view(np.uint8).reshape(count,4)
        if n=="F16":
            raw=np.concatenate([rng.standard_normal(count-4).astype(np.float16),np.array([0.0,-0.0,6e-8,65504],dtype=np.float16)]).view(np.uint8).reshape(count,2)
        if n=="BF16": raw[:,1]&=0xbf
    for at in h:
        d=(rng.standard_normal(count)*0.01).astype(np.float16)
        if count>2: d[0]=np.float16(6e-8); d[1]=np.float16(-0.0)
        raw[:,at:at+2]=d.view(np.uint8).reshape(count,2)
    y=quants.dequantize(raw.reshape(-1), T[n]).astype(np.float32) if n!="F32" else raw.reshape(-1).view(np.float32)
    assert np.isfinite(y).all() or n=="BF16",n
    out[n]={"bytes":base64.b64encode(raw.tobytes()).decode(),"floats":base64.b64encode(np.ascontiguousarray(y).tobytes()).decode()}
json.dump(out,open("dequantized.json","w"),indent=1)
