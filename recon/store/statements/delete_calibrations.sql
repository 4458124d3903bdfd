-- a calibration takes the place of the one before
delete from work.calibrations
