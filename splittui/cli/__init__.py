"""The command line: everything the console can do, headless. stdout is data, stderr is narration."""
