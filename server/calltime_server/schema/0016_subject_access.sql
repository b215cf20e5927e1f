-- depends: 0015_figures_of_runs
-- What an administrator may fetch of long work: what came of their own, such as everything that is held about one person.

GRANT SELECT ON work_file TO calltime_administrator;
CREATE POLICY of_administrators_own ON work_file FOR SELECT TO calltime_administrator
    USING (EXISTS (SELECT FROM work w WHERE w.work = work_file.work AND w.person = (SELECT own_person())));
