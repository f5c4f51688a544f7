"""The portal's files: the only room that knows wire names (``stin``, ``rtnprd``, ``itcRedReq``)."""
