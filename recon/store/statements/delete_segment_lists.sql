delete from work.segment_lists
