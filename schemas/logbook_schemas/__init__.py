"""What an experiment is: configs, records and rules, as data. Needs pydantic and nothing that trains or stores."""
